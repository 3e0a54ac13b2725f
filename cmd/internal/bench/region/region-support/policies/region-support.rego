package mera.region_support

import data.mera.lib.has

clerk if {
	input.actor.kind == "staff"
	some role in {"specialist", "head"}
	role in input.actor.roles
}

head if {
	input.actor.kind == "staff"
	"head" in input.actor.roles
}

near if input.row.territory in input.actor.territories

own if {
	input.actor.kind == "citizen"
	has(input.row.persons, input.actor.person)
}

machine if input.actor.kind == "system"

read if {
	clerk
	near
}

read if own

read if machine

write if {
	clerk
	near
	input.row.final == false
}

write if machine

# Circumstances are for the clerks of the territory, the income for their heads.
show.private if {
	clerk
	near
}

show.private if own

show.private if machine

show.means if {
	head
	near
}

show.means if own

show.means if machine

edit.private if {
	clerk
	near
}

edit.private if machine

edit.means if {
	clerk
	near
}

edit.means if machine
