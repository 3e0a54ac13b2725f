package mera.lib_test

import data.mera.lib

test_has if lib.has(["a", "b"], "b")

test_has_not if not lib.has(["a", "b"], "c")

test_absent_set_holds_nothing if {
	not lib.has(input.row.persons, "a") with input as {"row": {}}
}

test_has_any if lib.has_any(["a", "b"], ["c", "b"])

test_has_none if not lib.has_any(["a", "b"], ["c"])
