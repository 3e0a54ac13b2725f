package mera.thematic_registers_test

import data.mera.thematic_registers as policy

anna := "0190a1b2-0000-7000-8000-000000000001"

stranger := "0190a1b2-0000-7000-8000-000000000002"

staff(role) := {"kind": "staff", "id": "petrov", "roles": [role], "duties": [], "territories": ["uray"]}

citizen(person) := {"kind": "citizen", "id": "anna", "person": person, "roles": [], "duties": [], "territories": []}

machine := {"kind": "system", "id": "system", "roles": [], "duties": [], "territories": []}

row(territory, final) := {"territory": territory, "persons": [anna], "final": final}

asked(actor, action, row) := {"actor": actor, "action": action, "type": "LargeFamilyEntry", "today": "2019-07-16", "row": row}

test_keeper_keeps_the_register_of_his_territory if {
	every role in ["registrar", "head"] {
		policy.read with input as asked(staff(role), "read", row("uray", false))
		policy.write with input as asked(staff(role), "fire", row("uray", false))
		not policy.read with input as asked(staff(role), "read", row("sovetsky", false))
		not policy.write with input as asked(staff(role), "fire", row("sovetsky", false))
	}
}

test_excluded_family_is_read_and_not_changed if {
	policy.read with input as asked(staff("registrar"), "read", row("uray", true))
	not policy.write with input as asked(staff("registrar"), "update", row("uray", true))
}

test_other_staff_sees_no_register if {
	every role in ["specialist", "operator", "administrator"] {
		not policy.read with input as asked(staff(role), "read", row("uray", false))
	}
}

test_citizen_reads_his_entry_and_does_not_write if {
	policy.read with input as asked(citizen(anna), "read", row("uray", false))
	not policy.write with input as asked(citizen(anna), "create", row("uray", false))
	not policy.read with input as asked(citizen(stranger), "read", row("uray", false))
}

test_machine_keeps_registers if {
	policy.read with input as asked(machine, "read", row("uray", false))
	policy.write with input as asked(machine, "fire", row("uray", true))
}
