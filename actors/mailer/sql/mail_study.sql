-- in: payload jsonb · out: address text, reply_to text, words json · rows: maybe
-- rights: a job; who is written to was decided by study_mail_readers
select a.username as address,
       case when p.mail = 'study_submitted' and w.is_active then w.username end as reply_to,
       json_build_object('reader', display_name(a.nickname, a.given_name, a.family_name),
                         'study', s.name, 'lab', coalesce(b.name, 'no lab'),
                         'person', coalesce(nullif(btrim(w.given_name || ' ' || w.family_name), ''), nullif(w.nickname, ''), 'A researcher'),
                         'comments', btrim(g.extra ->> 'comments', E' \r\n\t'),
                         'link', nullif(p.origin, '') || '/exp/studies/' || s.id || '/') as words
from (select :payload ->> 'mail' as mail, (:payload ->> 'log')::bigint as log, (:payload ->> 'account')::bigint as account,
             :payload ->> 'origin' as origin) p
     join study_log g on g.id = p.log join study s on s.id = g.study left join lab b on b.id = s.lab left join account w on w.id = g.account
     join account a on a.id = p.account
where a.id in (select study_mail_readers(s.id, p.mail))
