-- claim: the_window_includes_both_ends
select test.eq(age_distance(age, 360, 365), want)
from (values (359, -1), (360, 0), (361, 0), (364, 0), (365, 0), (366, 1), (-1, -361)) v (age, want);
select test.eq(age_distance(0, 0, 0), 0), test.eq(age_distance(1, 0, 0), 1);

-- claim: expressions_are_true_for_whom_the_specification_says
do $$
declare
    line record;
    kid  record;
begin
    create temp table kid on commit drop as select * from (values
        ('A', condition_bits('{deaf}'),               'm', null::smallint, language_bits('{en}'), 1095),
        ('B', condition_bits('{hearing_impairment}'), 'm', null,  language_bits('{en}'), 1095),
        ('C', condition_bits('{multiple_birth}'),     'f', null,  language_bits('{fr}'), 1095),
        ('D', condition_bits('{deaf,dyslexia}'),      'm', null,  language_bits('{en}'), 3650),
        ('E', 0::bigint, 'm', 2,    language_bits('{en}'), 100),  -- 25 weeks
        ('F', 0,         'm', 12,   language_bits('{en}'), 100),  -- 35 weeks
        ('G', 0,         'm', null, language_bits('{en}'), 100),
        ('H', 0,         'm', 1,    language_bits('{en,fr,ja,nl,ko}'), 100), -- 24 weeks
        ('I', 0,         'na', 3,   language_bits('{hak}'), 100), -- 26 weeks
        ('J', 0,         'o', 0,    0::bigint, 100))              -- under 24 weeks
        t (name, conditions, gender, gestational, languages, age);
    for line in select * from (values
        ('deaf', 'A', ''),
        ('((deaf OR hearing_impairment) OR NOT speaks_en) AND (age_in_days >= 365 AND age_in_days <= 1095)', 'ABC', 'D'),
        ('deaf OR hearing_impairment OR multiple_birth', 'ABC', ''),
        ('deaf AND dyslexia AND age_in_days >= 1000', 'D', 'C'),
        ('gestational_age_in_weeks <= 28 AND gestational_age_in_weeks > 24', 'EI', 'FGH'),
        ('gestational_age_in_weeks = na', 'G', 'EFJ'),
        ('gestational_age_in_weeks != N/A', 'EFJ', 'G'),
        ('gender = male OR gender = OTHER', 'AJ', 'CI'),
        ('num_languages < 6 AND n_languages > 1', 'H', 'C'),
        ('gestational_age_in_weeks <= 28 AND deaf', '', 'I'),
        ('deaf OR gestational_age_in_weeks <= 28', 'AE', 'F'),
        ('NOT gestational_age_in_weeks <= 28', 'GF', 'E'),
        ('gestational_age_in_weeks < 28', 'EJ', 'G'),
        ('gestational_age_in_weeks != 25', 'F', 'EG'),
        ('gender = n/a', 'I', 'A'),
        ('speaks_ha', '', 'I'), ('speaks_hak', 'I', ''),
        ('n_languages=0', 'J', 'A'),
        ('NOT deaf AND dyslexia', '', 'DC'),
        ('NOT NOT deaf', 'A', 'B'),
        ('dyslexia OR deaf AND speaks_en', 'AD', 'C'),
        ('(dyslexia OR deaf) AND NOT (speaks_en)', '', 'AD'),
        ('age_in_days < 99999999999999999999999 AND age_in_days >= 007', 'AE', ''),
        (E'\n deaf\tAND\n  speaks_en ', 'A', 'B')) t (expression, yes, no)
    loop
        for kid in select * from kid loop
            if position(kid.name in line.yes || line.no) > 0
               and criteria_run(criteria_compile(line.expression), kid.age, kid.gender, kid.gestational::smallint, kid.conditions, kid.languages)
                   <> (position(kid.name in line.yes) > 0) then
                raise exception '% for %', line.expression, kid.name;
            end if;
        end loop;
    end loop;
end $$;

-- claim: what_is_no_expression_is_refused_with_its_place
select test.eq(left(criteria_check(expression), length(want)), want)
from (values
    ('deaf or dyslexia', 'line 1, column 6: "or"'), ('(deaf', 'line 1, column 6: the end'), ('deaf)', 'line 1, column 5: ")"'),
    ('deaf OR', 'line 1, column 8: the end'), ('()', 'line 1, column 2: ")"'), (E'deaf\nAND happy', 'line 2, column 5: "happy"'),
    ('speaks_klingon', 'line 1, column 1'), ('age_in_days == 5', 'line 1, column 14: "="'), ('age_in_days > 5.5', 'line 1, column 16: "."'),
    ('age_in_days > -5', 'line 1, column 15: "-"'), ('deaf = true', 'line 1, column 6: "="'), ('deaf, dyslexia', 'line 1, column 5: ","'),
    ('gestational_age_in_weeks = 23', 'line 1, column 28'), ('gestational_age_in_weeks = 41', 'line 1, column 28'),
    ('gestational_age_in_weeks <= na', 'line 1, column 29'), ('gender > m', 'line 1, column 8'), ('not deaf', 'line 1, column 1'),
    ('Deaf', 'line 1, column 1'), ('deaf dyslexia', 'line 1, column 6'), ('NOT', 'line 1, column 4: the end'),
    ('é', 'line 1, column 1'), ('gender =', 'line 1, column 9: the end'), ('gender', 'line 1, column 7: the end')) v (expression, want);
select test.eq(criteria_check(repeat('(', 201) || 'deaf' || repeat(')', 201)) is null, false),
       test.eq(criteria_check(repeat('(', 200) || 'deaf' || repeat(')', 200)), null),
       test.eq(criteria_check(repeat('x', 10001)) is null, false), test.eq(criteria_check(E' \n'), null);

-- claim: a_response_records_every_reason_sorted
do $$
declare
    lab     bigint := test.lab('L');
    s       bigint := test.study('S', lab);
    earlier bigint := test.study('Earlier', lab);
    parent  bigint := test.account('parent');
begin
    update study set max_age_years = 1, criteria_expression = 'deaf' where id = s;
    insert into must_have_participated values (s, earlier);
    perform test.eq(test.judged(s, test.child(parent, 1000)),
                    '{Ineligible_CriteriaExpression,Ineligible_Participation,Ineligible_TooOld}');
    update study set min_age_years = 1, criteria_expression = '' where id = s;
    perform test.eq(test.judged(s, test.child(parent, 364)),
                    '{Ineligible_Participation,Ineligible_TooYoung}');
    delete from must_have_participated;
    perform test.eq(test.judged(s, test.child(parent, 365)), '{Eligible}');
end $$;

-- claim: a_study_that_forbids_itself_fits_the_first_time_only
do $$
declare
    s     bigint := test.study('Once', test.lab('L'));
    kid   bigint := test.child(test.account('parent'));
    first bigint;
begin
    insert into must_not_have_participated values (s, s);
    first := test.response(s, kid);
    perform test.eq((select eligibility from response where id = first), '{Eligible}'),
            test.eq(test.judged(s, kid), '{Eligible}'); -- the first never reached a frame
    update response set sequence = '{0-a}' where id = first;
    perform test.eq(test.judged(s, kid), '{Ineligible_Participation}');
    update response set is_preview = true where id = first;
    perform test.eq(test.judged(s, kid), '{Eligible}');
end $$;

-- claim: following_the_link_of_an_outside_study_is_participation
do $$
declare
    lab  bigint := test.lab('L');
    out  bigint := test.study('Outside', lab, 2);
    next bigint := test.study('Next', lab);
    kid  bigint := test.child(test.account('parent'));
begin
    insert into must_have_participated values (next, out);
    perform test.eq(participation_fits(kid, next), false);
    perform test.response(out, kid);
    perform test.eq(participation_fits(kid, next), true);
end $$;

-- claim: an_expression_that_cannot_be_read_fits_nobody
do $$
declare
    s bigint := test.study('S', test.lab('L'));
    c bigint := test.child(test.account('parent'));
begin
    update study set criteria_expression = 'deaf or' where id = s;
    perform test.eq((select criteria_fits(child, study) from child, study where child.id = c and study.id = s), false),
            test.eq((select is_eligible(child, study) from child, study where child.id = c and study.id = s), false);
    update study set criteria_expression = '' where id = s;
    perform test.eq((select is_eligible(child, study) from child, study where child.id = c and study.id = s), true);
end $$;
