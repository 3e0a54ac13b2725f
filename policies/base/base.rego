# Rules for every type of every package.
package mera.base

import data.mera.lib.has

# The kernel's own work: timers, decisions without an official, jobs. Exchanges are other machines: the package that
# owns a type says what they may do.
kernel if {
	input.actor.kind == "system"
	input.actor.id == "system"
}

read if kernel

write if kernel

# Types whose rows are about no persons.
impersonal := {"Actor", "Classifier", "Event", "Package", "Parameter", "Release", "Server"}

# Nobody works on his own case.
deny if {
	not input.type in impersonal
	input.actor.kind == "staff"
	input.action != "read"
	has(input.row.persons, input.actor.person)
}
