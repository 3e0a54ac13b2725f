package mera.population_register_test

import data.mera.population_register as policy

anna := "0190a1b2-0000-7000-8000-000000000001"

kolya := "0190a1b2-0000-7000-8000-000000000002"

stranger := "0190a1b2-0000-7000-8000-000000000003"

uray := "0190a1b2-0000-7000-8000-00000000000a"

staff(role, territories) := {"kind": "staff", "id": "ivanova", "roles": [role], "office": uray, "duties": [], "territories": territories}

citizen(person) := {"kind": "citizen", "id": "anna", "person": person, "roles": [], "duties": [], "territories": []}

machine := {"kind": "system", "id": "exchange:RegistrationCheck", "roles": [], "duties": [], "territories": []}

somebody := {"kind": "public", "id": "kiosk", "roles": [], "duties": [], "territories": []}

asked(actor, action, type, row) := {"actor": actor, "action": action, "type": type, "today": "2019-07-16", "row": row}

facts := ["Registration", "Pension", "Disability", "Study", "Kinship", "IdentityDocument", "Income", "CategoryHeld", "PayoutDirection"]

test_clerk_works_with_cards_of_his_territory if {
	every role in ["specialist", "head", "registrar"] {
		every type in facts {
			policy.read with input as asked(staff(role, ["uray"]), "read", type, {"territory": "uray", "persons": [kolya]})
			policy.write with input as asked(staff(role, ["uray"]), "update", type, {"territory": "uray", "persons": [kolya]})
		}
	}
}

test_clerk_sees_no_card_of_another_territory if {
	every type in facts {
		not policy.read with input as asked(staff("specialist", ["uray"]), "read", type, {"territory": "sovetsky", "persons": [kolya]})
		not policy.write with input as asked(staff("specialist", ["uray"]), "update", type, {"territory": "sovetsky", "persons": [kolya]})
	}
}

test_fact_without_territory_is_nobodys if {
	not policy.read with input as asked(staff("specialist", ["uray"]), "read", "Pension", {"persons": [kolya]})
	not policy.write with input as asked(staff("specialist", ["uray"]), "update", "Pension", {"persons": [kolya]})
}

test_person_without_territory_is_everybodys if {
	policy.read with input as asked(staff("registrar", ["uray"]), "read", "Person", {"id": kolya, "persons": [kolya]})
	policy.write with input as asked(staff("registrar", ["uray"]), "update", "Person", {"id": kolya, "persons": [kolya]})
	not policy.read with input as asked(citizen(anna), "read", "Person", {"id": kolya, "persons": [kolya]})
}

test_operator_of_a_queue_sees_no_cards if {
	not policy.read with input as asked(staff("operator", ["uray"]), "read", "Person", {"id": kolya, "territory": "uray", "persons": [kolya]})
}

test_administrator_sees_no_cards if {
	every type in array.concat(facts, ["Person"]) {
		not policy.read with input as asked(staff("administrator", ["uray"]), "read", type, {"territory": "uray", "persons": [kolya]})
		not policy.write with input as asked(staff("administrator", ["uray"]), "update", type, {"territory": "uray", "persons": [kolya]})
	}
}

test_administrator_keeps_offices if {
	policy.write with input as asked(staff("administrator", []), "create", "Office", {"territory": "uray"})
	not policy.write with input as asked(staff("head", ["uray"]), "update", "Office", {"territory": "uray"})
}

test_offices_are_public if {
	policy.read with input as asked(somebody, "read", "Office", {"territory": "uray"})
	not policy.write with input as asked(somebody, "update", "Office", {"territory": "uray"})
	not policy.read with input as asked(somebody, "read", "Person", {"territory": "uray", "persons": [anna]})
}

test_citizen_reads_his_own_card if {
	policy.read with input as asked(citizen(anna), "read", "Person", {"id": anna, "territory": "uray", "persons": [anna]})
	policy.read with input as asked(citizen(anna), "read", "Pension", {"territory": "uray", "persons": [anna]})
}

test_citizen_reads_the_card_of_the_child_he_represents if {
	policy.read with input as asked(citizen(anna), "read", "Person", {"id": kolya, "territory": "uray", "persons": [kolya, anna]})
}

test_citizen_reads_no_card_of_a_stranger if {
	not policy.read with input as asked(citizen(anna), "read", "Person", {"id": stranger, "territory": "uray", "persons": [stranger]})
	not policy.read with input as asked(citizen(anna), "read", "Pension", {"territory": "uray", "persons": [stranger]})
	not policy.read with input as asked(citizen(anna), "read", "Person", {"id": stranger, "persons": []})
}

test_citizen_writes_nothing_on_cards if {
	every type in array.concat(facts, ["Person"]) {
		not policy.write with input as asked(citizen(anna), "update", type, {"territory": "uray", "persons": [anna]})
	}
}

test_exchanges_keep_cards if {
	policy.read with input as asked(machine, "read", "Pension", {"territory": "uray", "persons": [kolya]})
	policy.write with input as asked(machine, "create", "Pension", {"territory": "uray", "persons": [kolya]})
}

test_diagnosis_is_for_the_own_territory if {
	policy.show.health with input as asked(staff("specialist", ["uray"]), "read", "Disability", {"territory": "uray", "persons": [kolya]})
	not policy.show.health with input as asked(staff("specialist", ["uray"]), "read", "Disability", {"territory": "sovetsky", "persons": [kolya]})
	not policy.show.health with input as asked(staff("operator", ["uray"]), "read", "Disability", {"territory": "uray", "persons": [kolya]})
}

test_citizen_sees_his_diagnosis_and_does_not_change_it if {
	policy.show.health with input as asked(citizen(kolya), "read", "Disability", {"territory": "uray", "persons": [kolya]})
	not policy.show.health with input as asked(citizen(anna), "read", "Disability", {"territory": "uray", "persons": [kolya]})
	not policy.edit.health with input as asked(citizen(kolya), "update", "Disability", {"territory": "uray", "persons": [kolya]})
}

test_clerk_enters_a_diagnosis if {
	policy.edit.health with input as asked(staff("specialist", ["uray"]), "update", "Disability", {"territory": "uray", "persons": [kolya]})
	not policy.edit.health with input as asked(staff("specialist", ["uray"]), "update", "Disability", {"territory": "sovetsky", "persons": [kolya]})
	policy.edit.health with input as asked(machine, "create", "Disability", {"territory": "sovetsky", "persons": [kolya]})
}
