-- in: - · out: users bigint, demographics bigint, children bigint, labs bigint, studies bigint, responses bigint, consent_rulings bigint, feedback bigint, videos bigint, object_grants bigint · rows: one
select (select count(*) from account) as users, (select count(*) from demographic) as demographics,
       (select count(*) from child) as children, (select count(*) from lab) as labs, (select count(*) from study) as studies,
       (select count(*) from response) as responses, (select count(*) from consent_ruling) as consent_rulings,
       (select count(*) from feedback) as feedback, (select count(*) from video) as videos,
       (select count(*) from permit p where p.object <> 0 and p.account is not null) as object_grants
