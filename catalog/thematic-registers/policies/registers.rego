package mera.thematic_registers

import data.mera.lib.has

keeper if {
	input.actor.kind == "staff"
	some role in {"registrar", "head"}
	role in input.actor.roles
}

read if {
	keeper
	input.row.territory in input.actor.territories
}

read if {
	input.actor.kind == "citizen"
	has(input.row.persons, input.actor.person)
}

read if input.actor.kind == "system"

write if {
	keeper
	input.row.territory in input.actor.territories
	input.row.final == false
}

write if input.actor.kind == "system"
