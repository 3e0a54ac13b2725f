package mera.ugra_child_benefits
import data.mera.lib.has
staff if { input.actor.kind == "staff"; some r in {"specialist", "head"}; r in input.actor.roles }
near if input.row.territory in input.actor.territories
own if { input.actor.kind == "citizen"; has(input.row.persons, input.actor.person) }
read if { staff; near }
read if own
write if { staff; near; input.row.final == false }
write if { own; input.row.final == false }
show.health if { staff; near }
edit.health if { staff; near }
