create extension if not exists pg_trgm;
create sequence if not exists bench_journal;
create table if not exists bench_text (n int primary key, name text not null, birth text not null);
truncate bench_text;
\copy bench_text from 'texts.csv' csv
analyze bench_text;
do $$ begin
  execute format('create index if not exists bench_full_name on %s using gin ((data->>''fullName'') gin_trgm_ops)',
    (select tableoid::regclass from record where type = 'Person' limit 1));
end $$;
