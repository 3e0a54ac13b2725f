\set n random(1, {{.Texts}})
select json_build_object('people', (select coalesce(json_agg(json_build_object('id', p.id, 'fullName', p.data->'fullName', 'birthDate', p.data->'birthDate')), '[]')
from (select id, data from record p, (select name, birth from bench_text where n = :n::int) q
  where p.type = 'Person' and p.void is null and (p.data->>'birthDate') collate "C" = q.birth and (p.data->>'fullName') % q.name limit 10) p));
