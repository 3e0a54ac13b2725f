\set n random(0, {{.Persons}} - 1)
\set r mod(:n * 7919 + 123, 899999981) + 100000000
\set c mod(mod(mod(:r, 10) + 2 * mod(:r / 10, 10) + 3 * mod(:r / 100, 10) + 4 * mod(:r / 1000, 10) + 5 * mod(:r / 10000, 10) + 6 * mod(:r / 100000, 10) + 7 * mod(:r / 1000000, 10) + 8 * mod(:r / 10000000, 10) + 9 * mod(:r / 100000000, 10), 101), 100)
\set s :r * 100 + :c
select json_build_object('people', json_build_object('nodes', (select coalesce(json_agg(json_build_object(
  'id', p.id, 'fullName', p.data->'fullName', 'birthDate', p.data->'birthDate', 'snils', p.data->'snils')), '[]')
from (select id, data from record where type = 'Person' and void is null and (data->>'snils') collate "C" = :s::bigint::text limit 1) p)));
