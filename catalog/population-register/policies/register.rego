package mera.population_register

import data.mera.lib.has

clerk if {
	input.actor.kind == "staff"
	some role in {"specialist", "head", "registrar", "administrator"}
	role in input.actor.roles
}

machine if input.actor.kind == "system"

# Offices and families are the house's own address book: every clerk reads them.
read if {
	clerk
	input.type in {"Office", "Family"}
}

read if {
	clerk
	input.row.territory in input.actor.territories
}

# A person whose territory is not known yet belongs to everybody, or nobody could ever mend his card.
read if {
	clerk
	input.type == "Person"
	not input.row.territory
}

read if machine

read if {
	input.actor.kind == "citizen"
	input.type == "Person"
	input.row.id == input.actor.person
}

read if {
	input.actor.kind == "citizen"
	has(input.row.persons, input.actor.person)
}

write if machine

write if {
	clerk
	input.type != "Office"
	input.row.territory in input.actor.territories
}

write if {
	input.actor.kind == "staff"
	"administrator" in input.actor.roles
	input.type in {"Office", "Family", "Person"}
}

show.health if {
	clerk
	input.row.territory in input.actor.territories
}

show.health if machine

edit.health if {
	clerk
	input.row.territory in input.actor.territories
}

edit.health if machine
