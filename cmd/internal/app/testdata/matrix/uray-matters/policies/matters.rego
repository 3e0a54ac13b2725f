package mera.uray_matters

import data.mera.lib.has

clerk if {
	input.actor.kind == "staff"
	some role in {"specialist", "doctor", "nurse"}
	role in input.actor.roles
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
}

write if machine

deny if {
	input.row.sealed == true
	input.actor.kind == "staff"
	not "keeper" in input.actor.roles
}

show.secret if {
	"doctor" in input.actor.roles
	near
}

# A nurse sees what she wrote herself.
show.secret if {
	"nurse" in input.actor.roles
	input.row.author == input.actor.id
}

edit.secret if {
	some role in {"doctor", "nurse"}
	role in input.actor.roles
	near
}
