package mera.one_window

import data.mera.lib.has

read if {
	input.actor.kind == "staff"
	input.row.territory in input.actor.territories
}

read if {
	input.actor.kind == "citizen"
	has(input.row.persons, input.actor.person)
}

read if input.actor.kind == "system"
