-- in: - · out: accounts bigint, children bigint, labs bigint, studies bigint, responses bigint, has_demonstration bool · rows: one
select w.accounts, w.children, w.labs, w.studies, w.responses, w.has_demonstration from world_begin() w
