package mera.ugra_child_benefits_test

import data.mera.ugra_child_benefits as policy

anna := "0190a1b2-0000-7000-8000-000000000001"

kolya := "0190a1b2-0000-7000-8000-000000000002"

stranger := "0190a1b2-0000-7000-8000-000000000003"

applications := ["SurvivorBenefitApplication", "DisabledChildApplication"]

staff(role) := {"kind": "staff", "id": "ivanova", "roles": [role], "duties": [], "territories": ["uray"]}

citizen(person) := {"kind": "citizen", "id": "anna", "person": person, "roles": [], "duties": [], "territories": []}

portal := {"kind": "system", "id": "portal", "roles": [], "duties": [], "territories": []}

somebody := {"kind": "public", "id": "guest", "roles": [], "duties": [], "territories": []}

row(territory, final) := {"territory": territory, "persons": [anna, kolya], "final": final}

asked(actor, action, type, row) := {"actor": actor, "action": action, "type": type, "today": "2019-07-16", "row": row}

test_clerk_works_on_applications_of_his_territory if {
	every role in ["specialist", "head"] {
		every type in applications {
			policy.read with input as asked(staff(role), "read", type, row("uray", false))
			policy.write with input as asked(staff(role), "fire", type, row("uray", false))
		}
	}
}

test_clerk_sees_no_application_of_another_territory if {
	every type in applications {
		not policy.read with input as asked(staff("head"), "read", type, row("sovetsky", false))
		not policy.write with input as asked(staff("head"), "fire", type, row("sovetsky", false))
	}
}

test_application_without_territory_is_nobodys if {
	not policy.read with input as asked(staff("specialist"), "read", applications[0], {"persons": [anna], "final": false})
}

test_final_case_is_read_and_not_changed if {
	every type in applications {
		policy.read with input as asked(staff("specialist"), "read", type, row("uray", true))
		not policy.write with input as asked(staff("specialist"), "update", type, row("uray", true))
		policy.read with input as asked(citizen(anna), "read", type, row("uray", true))
		not policy.write with input as asked(citizen(anna), "fire", type, row("uray", true))
	}
}

test_other_staff_sees_no_applications if {
	every role in ["administrator", "configurator", "registrar", "operator"] {
		not policy.read with input as asked(staff(role), "read", applications[0], row("uray", false))
		not policy.write with input as asked(staff(role), "update", applications[0], row("uray", false))
	}
}

test_citizen_works_on_his_own if {
	every person in [anna, kolya] {
		policy.read with input as asked(citizen(person), "read", applications[0], row("uray", false))
		policy.write with input as asked(citizen(person), "create", applications[0], row("uray", false))
	}
}

test_citizen_sees_nothing_of_a_stranger if {
	every type in applications {
		not policy.read with input as asked(citizen(stranger), "read", type, row("uray", false))
		not policy.write with input as asked(citizen(stranger), "create", type, row("uray", false))
	}
}

test_public_sees_nothing if not policy.read with input as asked(somebody, "read", applications[0], row("uray", false))

test_portal_submits_for_anybody if {
	policy.write with input as asked(portal, "create", applications[0], row("uray", false))
	policy.read with input as asked(portal, "read", applications[0], row("uray", false))
}

test_cause_of_death_is_for_the_own_territory if {
	policy.show.health with input as asked(staff("specialist"), "read", applications[0], row("uray", true))
	not policy.show.health with input as asked(staff("specialist"), "read", applications[0], row("sovetsky", true))
	not policy.show.health with input as asked(staff("operator"), "read", applications[0], row("uray", true))
}

test_applicant_tells_the_cause_of_death if {
	policy.edit.health with input as asked(citizen(anna), "create", applications[0], row("uray", false))
	policy.show.health with input as asked(citizen(anna), "read", applications[0], row("uray", false))
	not policy.edit.health with input as asked(citizen(stranger), "create", applications[0], row("uray", false))
	not policy.show.health with input as asked(citizen(stranger), "read", applications[0], row("uray", false))
}

test_clerk_corrects_the_cause_of_death if {
	policy.edit.health with input as asked(staff("specialist"), "update", applications[0], row("uray", false))
	not policy.edit.health with input as asked(staff("specialist"), "update", applications[0], row("sovetsky", false))
	policy.edit.health with input as asked(portal, "create", applications[0], row("uray", false))
}
