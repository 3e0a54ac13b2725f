package mera.base_test

import data.mera.base

anna := "0190a1b2-0000-7000-8000-000000000001"

boris := "0190a1b2-0000-7000-8000-000000000002"

clerk := {"kind": "staff", "id": "ivanova", "person": anna, "roles": ["specialist"], "duties": [], "territories": ["surgut"]}

machine := {"kind": "system", "id": "system", "roles": [], "duties": [], "territories": []}

asked(actor, action, persons) := {
	"actor": actor, "action": action, "type": "Decision", "today": "2026-11-22",
	"row": {"id": "0190a1b2-0000-7000-8000-0000000000d1", "persons": persons},
}

test_own_case_is_denied if base.deny with input as asked(clerk, "update", [boris, anna])

test_own_case_may_be_read if not base.deny with input as asked(clerk, "read", [anna])

test_case_of_another if not base.deny with input as asked(clerk, "update", [boris])

test_citizen_works_on_his_own if {
	citizen := object.union(clerk, {"kind": "citizen"})
	not base.deny with input as asked(citizen, "update", [anna])
}

test_official_without_person if {
	nobody := object.remove(clerk, ["person"])
	not base.deny with input as asked(nobody, "update", [anna])
}

test_kernel_does_its_work if {
	base.read with input as asked(machine, "read", [])
	base.write with input as asked(machine, "settle", [])
}

test_exchange_is_no_kernel if {
	exchange := object.union(machine, {"id": "exchange:PensionCheck"})
	not base.read with input as asked(exchange, "read", [])
	not base.write with input as asked(exchange, "update", [])
}

test_staff_called_system_is_no_kernel if {
	liar := object.union(clerk, {"id": "system"})
	not base.read with input as asked(liar, "read", [])
}

test_broken_glass_reads if {
	in_need := object.union(clerk, {"glass": "the child is in danger"})
	base.read with input as asked(in_need, "read", [boris])
	not base.read with input as asked(clerk, "read", [boris])
	not base.write with input as asked(in_need, "update", [boris])
}

test_a_citizen_breaks_no_glass if {
	citizen := object.union(clerk, {"kind": "citizen", "glass": "curious"})
	not base.read with input as asked(citizen, "read", [boris])
}

test_impersonal_type if {
	not base.deny with input as {"actor": clerk, "action": "update", "type": "Actor", "today": "2026-11-22", "row": {"id": "ivanova"}}
}
