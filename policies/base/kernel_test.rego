package mera.kernel_test

import data.mera.kernel

anna := "0190a1b2-0000-7000-8000-000000000001"

surgut := "0190a1b2-0000-7000-8000-00000000000a"

staff(roles) := {
	"kind": "staff", "id": "ivanova", "roles": roles, "duties": [],
	"territories": ["surgut", "surgut-north"], "office": surgut,
}

citizen := {"kind": "citizen", "id": "anna", "person": anna, "roles": [], "duties": [], "territories": []}

somebody := {"kind": "public", "id": "kiosk", "roles": [], "duties": [], "territories": []}

asked(actor, action, type, row) := {"actor": actor, "action": action, "type": type, "today": "2026-11-22", "row": row}

here := {"territory": "surgut-north", "persons": [anna]}

there := {"territory": "uray", "persons": []}

test_clerk_reads_his_territory if {
	every type in ["Task", "Request", "Decision", "Award", "Accrual", "Payment", "PaymentList", "Print", "Notice"] {
		kernel.read with input as asked(staff(["specialist"]), "read", type, here)
		not kernel.read with input as asked(staff(["specialist"]), "read", type, there)
	}
}

test_clerk_reads_his_office if kernel.read with input as asked(staff(["registrar"]), "read", "Task", {"office": surgut})

test_roles_of_the_house_read_no_cases if {
	every role in ["administrator", "configurator", "auditor"] {
		not kernel.read with input as asked(staff([role]), "read", "Award", here)
	}
	not kernel.read with input as asked(staff([]), "read", "Award", here)
}

test_citizen_reads_his_own if {
	kernel.read with input as asked(citizen, "read", "Decision", here)
	not kernel.read with input as asked(citizen, "read", "Decision", there)
}

test_citizen_sees_nothing_internal if {
	every type in ["Task", "Request"] {
		not kernel.read with input as asked(citizen, "read", type, here)
	}
}

test_citizen_writes_nothing if {
	every type in ["Task", "Award", "PaymentList", "Actor", "Parameter"] {
		not kernel.write with input as asked(citizen, "update", type, {})
	}
}

test_clerk_works_on_tasks if {
	kernel.write with input as asked(staff(["specialist"]), "update", "Task", here)
	not kernel.write with input as asked(staff(["specialist"]), "update", "Task", there)
	not kernel.write with input as asked(staff(["specialist"]), "update", "Award", here)
}

test_head_stops_awards if {
	kernel.write with input as asked(staff(["head"]), "stop", "Award", here)
	not kernel.write with input as asked(staff(["head"]), "stop", "Award", there)
}

test_journal_is_for_auditors if {
	kernel.read with input as asked(staff(["auditor"]), "read", "Event", {"action": "update"})
	every role in ["specialist", "head", "administrator", "configurator"] {
		not kernel.read with input as asked(staff([role]), "read", "Event", {"action": "update"})
	}
	not kernel.write with input as asked(staff(["auditor"]), "update", "Event", {})
}

test_everybody_knows_parameters if {
	kernel.read with input as asked(somebody, "read", "Parameter", {})
	kernel.read with input as asked(citizen, "read", "Classifier", {})
	not kernel.write with input as asked(staff(["specialist"]), "update", "Parameter", {})
	kernel.write with input as asked(staff(["configurator"]), "update", "Parameter", {})
}

test_releases_are_for_staff if {
	kernel.read with input as asked(staff(["specialist"]), "read", "Release", {})
	not kernel.read with input as asked(citizen, "read", "Package", {})
	not kernel.read with input as asked(somebody, "read", "Actor", {"id": "ivanova"})
}

test_everybody_reads_himself if {
	kernel.read with input as asked(citizen, "read", "Actor", {"id": "anna"})
	not kernel.read with input as asked(citizen, "read", "Actor", {"id": "boris"})
}

test_configurator_installs if {
	kernel.write with input as asked(staff(["configurator"]), "install", "Server", {})
	not kernel.write with input as asked(staff(["administrator"]), "install", "Server", {})
	not kernel.write with input as asked(citizen, "install", "Server", {})
}

test_administrator_makes_actors if {
	kernel.write with input as asked(staff(["administrator"]), "createActor", "Server", {})
	kernel.write with input as asked(staff(["administrator"]), "update", "Actor", {"id": "sidorov"})
	not kernel.write with input as asked(staff(["configurator"]), "createActor", "Server", {})
	not kernel.write with input as asked(staff(["head"]), "setClock", "Server", {})
}

test_clerk_breaks_the_glass if {
	kernel.write with input as asked(staff(["registrar"]), "breakGlass", "Server", {})
	not kernel.write with input as asked(staff(["administrator"]), "breakGlass", "Server", {})
	not kernel.write with input as asked(staff([]), "breakGlass", "Server", {})
	not kernel.write with input as asked(citizen, "breakGlass", "Server", {})
}

test_head_pays if {
	kernel.write with input as asked(staff(["head"]), "runPayments", "Server", {})
	not kernel.write with input as asked(staff(["specialist"]), "runPayments", "Server", {})
	not kernel.write with input as asked(staff(["administrator"]), "runPayments", "Server", {})
}
