# Rules for the kernel's own types.
package mera.kernel

import data.mera.lib.has

# What is made in the course of a case; it has the territory, office and persons of the case.
papers := {"Task", "Request", "Decision", "Award", "Accrual", "Payment", "Print", "Notice"}

# What everybody may know.
public := {"Parameter", "Classifier"}

staff if input.actor.kind == "staff"

# Roles that run the house have no part in its cases.
house := {"configurator", "administrator", "auditor"}

clerk if {
	staff
	some role in input.actor.roles
	not role in house
}

head if {
	staff
	"head" in input.actor.roles
}

administrator if {
	staff
	"administrator" in input.actor.roles
}

configurator if {
	staff
	"configurator" in input.actor.roles
}

auditor if {
	staff
	"auditor" in input.actor.roles
}

citizen if input.actor.kind == "citizen"

near if input.row.territory in input.actor.territories

near if input.row.office == input.actor.office

own if has(input.row.persons, input.actor.person)

# What officials do and ask among themselves: an answer to a request may tell of another person of the case.
offstage := {"Task", "Request"}

# Papers of cases: clerks near them, citizens their own.
read if {
	clerk
	input.type in papers
	near
}

read if {
	clerk
	input.type == "PaymentList"
	near
}

read if {
	citizen
	input.type in papers
	not input.type in offstage
	own
}

write if {
	clerk
	input.type == "Task"
	near
}

write if {
	head
	input.type in {"Award", "PaymentList", "Payment"}
	near
}

# The journal.
read if {
	auditor
	input.type == "Event"
}

# The house.
read if input.type in public

read if {
	staff
	input.type in {"Package", "Release", "Actor"}
}

read if {
	input.type == "Actor"
	input.row.id == input.actor.id
}

write if {
	configurator
	input.type in {"Package", "Release", "Parameter", "Classifier"}
}

write if {
	administrator
	input.type == "Actor"
}

# Actions about no record.
write if {
	configurator
	input.type == "Server"
	input.action in {"install", "introspect", "setParameter"}
}

write if {
	administrator
	input.type == "Server"
	input.action in {"createActor", "introspect", "setCounter", "setClock"}
}

write if {
	clerk
	input.type == "Server"
	input.action == "breakGlass"
}

write if {
	head
	input.type == "Server"
	input.action in {"accrue", "runPayments", "recalculate"}
}
