package mera.uray_folders

read if {
	"worker" in input.actor.roles
	input.row.department == input.actor.department
}

read if input.actor.kind == "system"

write if input.actor.kind == "system"
