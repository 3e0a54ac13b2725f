package mera.uray_notes

clerk if {
	input.actor.kind == "staff"
	some role in {"specialist", "doctor"}
	role in input.actor.roles
}

doctor if {
	input.actor.kind == "staff"
	"doctor" in input.actor.roles
}

near if input.row.territory in input.actor.territories

read if {
	clerk
	near
}

read if input.actor.kind == "system"

write if {
	clerk
	near
}

write if input.actor.kind == "system"

show.secret if {
	doctor
	near
}

edit.secret if {
	doctor
	near
}

edit.secret if input.actor.kind == "system"
