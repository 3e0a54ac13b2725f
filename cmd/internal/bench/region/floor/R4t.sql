\set n random(1, {{.Texts}})
select json_build_object('people', (select coalesce(json_agg(json_build_object('id', p.id, 'fullName', p.data->'fullName', 'birthDate', p.data->'birthDate')), '[]')
from (select id, data from record p where p.type = 'Person' and p.void is null and (p.data->>'fullName') % (select name from bench_text where n = :n::int)
  order by similarity(p.data->>'fullName', (select name from bench_text where n = :n::int)) desc limit 10) p));
