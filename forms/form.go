package forms

import "mera/schema"

// form is a resolved form of one document.
type form struct {
	name string
	def  *schema.Form
}

func (c *compiler) form(def *schema.Form) {}
