package mera.electronic_queue

import data.mera.lib.has

hall if {
	input.actor.kind == "staff"
	some role in {"operator", "registrar", "kiosk", "head"}
	role in input.actor.roles
}

keeper if {
	input.actor.kind == "staff"
	some role in {"registrar", "head"}
	role in input.actor.roles
}

citizen if input.actor.kind == "citizen"

machine if input.actor.kind == "system"

near if input.row.territory in input.actor.territories

read if {
	hall
	near
}

# Where and when one may come is no secret; whose ticket it is, is.
read if {
	citizen
	input.type in {"Window", "Slot"}
}

read if {
	citizen
	input.type == "Ticket"
	has(input.row.persons, input.actor.person)
}

read if machine

write if {
	hall
	input.type == "Ticket"
	near
	input.row.final == false
}

write if {
	keeper
	input.type in {"Window", "Slot"}
	near
}

write if {
	citizen
	input.type == "Ticket"
	has(input.row.persons, input.actor.person)
	input.row.final == false
}

write if machine
