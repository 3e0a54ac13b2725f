package mera.electronic_queue_test

import data.mera.electronic_queue as policy

anna := "0190a1b2-0000-7000-8000-000000000001"

stranger := "0190a1b2-0000-7000-8000-000000000002"

staff(role) := {"kind": "staff", "id": "operator1", "roles": [role], "duties": [], "territories": ["uray"]}

citizen(person) := {"kind": "citizen", "id": "anna", "person": person, "roles": [], "duties": [], "territories": []}

machine := {"kind": "system", "id": "system", "roles": [], "duties": [], "territories": []}

somebody := {"kind": "public", "id": "screen", "roles": [], "duties": [], "territories": []}

ticket(territory, final) := {"territory": territory, "persons": [anna], "final": final}

place(territory) := {"territory": territory}

asked(actor, action, type, row) := {"actor": actor, "action": action, "type": type, "today": "2019-07-16", "row": row}

test_hall_works_on_tickets_of_its_territory if {
	every role in ["operator", "registrar", "kiosk", "head"] {
		policy.read with input as asked(staff(role), "read", "Ticket", ticket("uray", false))
		policy.write with input as asked(staff(role), "fire", "Ticket", ticket("uray", false))
		not policy.read with input as asked(staff(role), "read", "Ticket", ticket("sovetsky", false))
		not policy.write with input as asked(staff(role), "fire", "Ticket", ticket("sovetsky", false))
	}
}

test_served_ticket_is_not_changed if {
	policy.read with input as asked(staff("operator"), "read", "Ticket", ticket("uray", true))
	not policy.write with input as asked(staff("operator"), "update", "Ticket", ticket("uray", true))
	not policy.write with input as asked(citizen(anna), "fire", "Ticket", ticket("uray", true))
}

test_windows_and_times_are_kept_by_the_registrar if {
	every type in ["Window", "Slot"] {
		policy.write with input as asked(staff("registrar"), "create", type, place("uray"))
		not policy.write with input as asked(staff("registrar"), "create", type, place("sovetsky"))
		not policy.write with input as asked(staff("operator"), "create", type, place("uray"))
		not policy.write with input as asked(staff("kiosk"), "create", type, place("uray"))
	}
}

test_other_staff_is_not_of_the_hall if {
	every role in ["specialist", "administrator"] {
		not policy.read with input as asked(staff(role), "read", "Ticket", ticket("uray", false))
		not policy.write with input as asked(staff(role), "create", "Ticket", ticket("uray", false))
	}
}

test_citizen_books_for_himself if {
	policy.write with input as asked(citizen(anna), "create", "Ticket", ticket("uray", false))
	policy.read with input as asked(citizen(anna), "read", "Ticket", ticket("uray", true))
	not policy.write with input as asked(citizen(stranger), "create", "Ticket", ticket("uray", false))
	not policy.read with input as asked(citizen(stranger), "read", "Ticket", ticket("uray", false))
	not policy.write with input as asked(citizen(anna), "create", "Ticket", {"territory": "uray", "final": false})
}

test_citizen_sees_windows_and_times_and_does_not_keep_them if {
	every type in ["Window", "Slot"] {
		policy.read with input as asked(citizen(anna), "read", type, place("sovetsky"))
		not policy.write with input as asked(citizen(anna), "create", type, place("uray"))
	}
}

test_public_reads_no_tickets if not policy.read with input as asked(somebody, "read", "Ticket", ticket("uray", false))

test_machine_moves_tickets if {
	policy.read with input as asked(machine, "read", "Ticket", ticket("uray", false))
	policy.write with input as asked(machine, "fire", "Ticket", ticket("uray", false))
}
