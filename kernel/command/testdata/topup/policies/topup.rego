package mera.topup

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
}

write if own

write if machine

