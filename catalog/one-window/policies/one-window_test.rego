package mera.one_window_test

import data.mera.one_window as policy

anna := "0190a1b2-0000-7000-8000-000000000001"

stranger := "0190a1b2-0000-7000-8000-000000000002"

staff(role) := {"kind": "staff", "id": "ivanova", "roles": [role], "duties": [], "territories": ["uray"]}

citizen := {"kind": "citizen", "id": "anna", "person": anna, "roles": [], "duties": [], "territories": []}

machine := {"kind": "system", "id": "portal", "roles": [], "duties": [], "territories": []}

asked(actor, action, row) := {"actor": actor, "action": action, "type": "Application", "today": "2019-07-16", "row": row}

test_clerk_reads_his_territory if {
	every role in ["specialist", "head"] {
		policy.read with input as asked(staff(role), "read", {"territory": "uray", "persons": [anna]})
		not policy.read with input as asked(staff(role), "read", {"territory": "sovetsky", "persons": [anna]})
	}
}

test_other_staff_read_no_applications if {
	every role in ["administrator", "operator"] {
		not policy.read with input as asked(staff(role), "read", {"territory": "uray", "persons": [anna]})
	}
}

test_citizen_reads_his_own if {
	policy.read with input as asked(citizen, "read", {"territory": "uray", "persons": [anna]})
	not policy.read with input as asked(citizen, "read", {"territory": "uray", "persons": [stranger]})
}

test_machines_read if policy.read with input as asked(machine, "read", {"territory": "uray", "persons": [anna]})

# Whoever may write decides the package of each kind of application.
test_nobody_writes_here if {
	every actor in [staff("head"), citizen, machine] {
		not policy.write with input as asked(actor, "update", {"territory": "uray", "persons": [anna]})
	}
}
