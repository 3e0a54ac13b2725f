package mera.electronic_queue

hall if {
	input.actor.kind == "staff"
	some role in {"operator", "registrar", "kiosk", "head"}
	role in input.actor.roles
}

read if {
	hall
	input.row.territory in input.actor.territories
}

read if input.actor.kind == "system"

write if {
	hall
	input.row.territory in input.actor.territories
}

write if input.actor.kind == "system"
