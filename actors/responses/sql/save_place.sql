-- in: id bigint, number int, study_type int, body jsonb · out: next int, digest bytea, refusal text · rows: one
-- rights: response_lock has asked and holds the row
select (select coalesce(max(f.number) + 1, 0) from response_frame f where f.response = :id)::int as next,
       (select f.digest from response_frame f where f.response = :id and f.number = :number) as digest,
       save_refusal(:study_type, :body) as refusal
