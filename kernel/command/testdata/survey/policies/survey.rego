package mera.survey

import data.mera.lib.has

machine if input.actor.kind == "system"

citizen if input.actor.kind == "citizen"

own if {
	citizen
	has(input.row.persons, input.actor.person)
}

read if machine

write if machine

read if own

write if own

read if {
	citizen
	input.type == "Survey"
}

read if {
	citizen
	input.type == "Question"
	input.row.open == true
}
