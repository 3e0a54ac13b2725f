package mera.tree

machine if input.actor.kind == "system"

read if machine

read if {
	input.actor.kind == "staff"
	input.row.territory in input.actor.territories
}

write if machine
