package mera.uray_claims

import data.mera.lib.has

clerk if {
	input.actor.kind == "staff"
	some role in {"specialist", "doctor"}
	role in input.actor.roles
}

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

read if input.actor.kind == "system"

write if {
	clerk
	near
}

write if own

write if input.actor.kind == "system"
