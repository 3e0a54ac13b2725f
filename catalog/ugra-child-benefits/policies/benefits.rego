package mera.ugra_child_benefits

import data.mera.lib.has

clerk if {
	input.actor.kind == "staff"
	some role in {"specialist", "head"}
	role in input.actor.roles
}

machine if input.actor.kind == "system"

near if input.row.territory in input.actor.territories

own if {
	input.actor.kind == "citizen"
	has(input.row.persons, input.actor.person)
}

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

write if {
	own
	input.row.final == false
}

write if machine

show.health if {
	clerk
	near
}

show.health if own

show.health if machine

edit.health if {
	clerk
	near
}

edit.health if own

edit.health if machine
