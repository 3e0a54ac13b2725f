package mera.one_window

import data.mera.lib.has

clerk if {
	input.actor.kind == "staff"
	some role in {"specialist", "head"}
	role in input.actor.roles
}

read if {
	clerk
	input.row.territory in input.actor.territories
}

read if {
	input.actor.kind == "citizen"
	has(input.row.persons, input.actor.person)
}

read if input.actor.kind == "system"
