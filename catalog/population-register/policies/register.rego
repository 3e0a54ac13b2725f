package mera.population_register

import data.mera.lib.has

clerk if {
	input.actor.kind == "staff"
	some role in {"specialist", "head", "registrar"}
	role in input.actor.roles
}

administrator if {
	input.actor.kind == "staff"
	"administrator" in input.actor.roles
}

machine if input.actor.kind == "system"

near if input.row.territory in input.actor.territories

# A citizen's own records, and the card of a child whom he represents.
own if {
	input.actor.kind == "citizen"
	has(input.row.persons, input.actor.person)
}

# Where offices are and whom they serve is public.
read if input.type == "Office"

read if {
	clerk
	input.type == "Family"
}

read if {
	clerk
	near
}

# A person whose territory is not known yet belongs to every clerk, or nobody could ever mend his card.
read if {
	clerk
	input.type == "Person"
	not input.row.territory
}

read if own

read if machine

write if machine

write if {
	clerk
	input.type != "Office"
	near
}

write if {
	clerk
	input.type == "Person"
	not input.row.territory
}

# The administrator keeps the house's address book and no citizen's card.
write if {
	administrator
	input.type == "Office"
}

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

edit.health if machine
