-- What forms offer: stored values with the words for them, in the order shown. Values are those of the checks in 0002; countries
-- are those of ISO 3166-1.

create table choice (
    list  text not null,
    place int not null,
    value text not null,
    label text not null,
    primary key (list, place),
    unique (list, value)
);

-- {"gender": [{"value": "m", "label": "Male"}, …], …} for a page with a form.
create function choices_of(variadic lists text[]) returns json
language plpgsql stable parallel safe as $$
begin
    return (select json_object_agg(asked.list, (select json_agg(json_build_object('value', c.value, 'label', c.label) order by c.place)
                                                from choice c where c.list = asked.list))
            from unnest(lists) asked (list));
end $$;

insert into choice (list, value, label, place)
select 'gender', pair ->> 0, pair ->> 1, place from json_array_elements('[
    ["m", "Male"], ["f", "Female"], ["o", "Let me describe it"], ["na", "Prefer not to say"]]') with ordinality c (pair, place);

insert into choice (list, value, label, place)
select 'gestational_age_at_birth', pair ->> 0, pair ->> 1, place from json_array_elements('[
    ["0", "Under 24 weeks"], ["1", "24 weeks"], ["2", "25 weeks"], ["3", "26 weeks"], ["4", "27 weeks"],
    ["5", "28 weeks"], ["6", "29 weeks"], ["7", "30 weeks"], ["8", "31 weeks"], ["9", "32 weeks"], ["10", "33 weeks"],
    ["11", "34 weeks"], ["12", "35 weeks"], ["13", "36 weeks"], ["14", "37 weeks"], ["15", "38 weeks"],
    ["16", "39 weeks"], ["17", "40 or more weeks"]]') with ordinality c (pair, place);

insert into choice (list, value, label, place)
select 'density', pair ->> 0, pair ->> 1, place from json_array_elements('[
    ["urban", "City"], ["suburban", "Suburb"], ["rural", "Countryside"]]') with ordinality c (pair, place);

insert into choice (list, value, label, place)
select 'us_race_ethnicity_identification', pair ->> 0, pair ->> 1, place from json_array_elements('[
    ["white", "White"], ["hisp", "Hispanic, Latino, or Spanish origin"], ["black", "Black or African American"],
    ["asian", "Asian"], ["native", "American Indian or Alaska Native"],
    ["mideast-naf", "Middle Eastern or North African"],
    ["hawaiian-pac-isl", "Native Hawaiian or Other Pacific Islander"], ["other", "Another race, ethnicity, or origin"]]') with ordinality c (pair, place);

insert into choice (list, value, label, place)
select 'number_of_children', pair ->> 0, pair ->> 1, place from json_array_elements('[
    ["0", "0"], ["1", "1"], ["2", "2"], ["3", "3"], ["4", "4"], ["5", "5"], ["6", "6"], ["7", "7"], ["8", "8"],
    ["9", "9"], ["10", "10"], [">10", "More than 10"]]') with ordinality c (pair, place);

insert into choice (list, value, label, place)
select 'number_of_guardians', pair ->> 0, pair ->> 1, place from json_array_elements('[
    ["1", "1"], ["2", "2"], ["3", "3"], ["varies", "It varies, or another number"]]') with ordinality c (pair, place);

insert into choice (list, value, label, place)
select 'age', pair ->> 0, pair ->> 1, place from json_array_elements('[
    ["<18", "Under 18"], ["18-21", "18 to 21"], ["22-24", "22 to 24"], ["25-29", "25 to 29"], ["30-34", "30 to 34"],
    ["35-39", "35 to 39"], ["40-44", "40 to 44"], ["45-49", "45 to 49"], ["50s", "50 to 59"], ["60s", "60 to 69"],
    [">70", "70 or over"]]') with ordinality c (pair, place);

insert into choice (list, value, label, place)
select 'education_level', pair ->> 0, pair ->> 1, place from json_array_elements('[
    ["some", "Some high school"], ["hs", "High school diploma or GED"], ["col", "Some college"],
    ["assoc", "2-year college degree"], ["bach", "4-year college degree"],
    ["grad", "Some graduate or professional school"], ["prof", "Graduate or professional degree"]]') with ordinality c (pair, place);

insert into choice (list, value, label, place)
select 'annual_income', pair ->> 0, pair ->> 1, place from json_array_elements('[
    ["0", "0"], ["5000", "5,000"], ["10000", "10,000"], ["15000", "15,000"], ["20000", "20,000"], ["30000", "30,000"],
    ["40000", "40,000"], ["50000", "50,000"], ["60000", "60,000"], ["70000", "70,000"], ["80000", "80,000"],
    ["90000", "90,000"], ["100000", "100,000"], ["110000", "110,000"], ["120000", "120,000"], ["130000", "130,000"],
    ["140000", "140,000"], ["150000", "150,000"], ["160000", "160,000"], ["170000", "170,000"], ["180000", "180,000"],
    ["190000", "190,000"], [">200000", "Over 200,000"], ["na", "Prefer not to say"]]') with ordinality c (pair, place);

insert into choice (list, value, label, place)
select 'state', pair ->> 0, pair ->> 1, place from json_array_elements('[
    ["AL", "Alabama"], ["AK", "Alaska"], ["AS", "American Samoa"], ["AZ", "Arizona"], ["AR", "Arkansas"],
    ["AA", "Armed Forces Americas"], ["AE", "Armed Forces Europe"], ["AP", "Armed Forces Pacific"],
    ["CA", "California"], ["CO", "Colorado"], ["CT", "Connecticut"], ["DE", "Delaware"],
    ["DC", "District of Columbia"], ["FL", "Florida"], ["GA", "Georgia"], ["GU", "Guam"], ["HI", "Hawaii"],
    ["ID", "Idaho"], ["IL", "Illinois"], ["IN", "Indiana"], ["IA", "Iowa"], ["KS", "Kansas"], ["KY", "Kentucky"],
    ["LA", "Louisiana"], ["ME", "Maine"], ["MD", "Maryland"], ["MA", "Massachusetts"], ["MI", "Michigan"],
    ["MN", "Minnesota"], ["MS", "Mississippi"], ["MO", "Missouri"], ["MT", "Montana"], ["NE", "Nebraska"],
    ["NV", "Nevada"], ["NH", "New Hampshire"], ["NJ", "New Jersey"], ["NM", "New Mexico"], ["NY", "New York"],
    ["NC", "North Carolina"], ["ND", "North Dakota"], ["MP", "Northern Mariana Islands"], ["OH", "Ohio"],
    ["OK", "Oklahoma"], ["OR", "Oregon"], ["PA", "Pennsylvania"], ["PR", "Puerto Rico"], ["RI", "Rhode Island"],
    ["SC", "South Carolina"], ["SD", "South Dakota"], ["TN", "Tennessee"], ["TX", "Texas"], ["UT", "Utah"],
    ["VT", "Vermont"], ["VI", "Virgin Islands"], ["VA", "Virginia"], ["WA", "Washington"], ["WV", "West Virginia"],
    ["WI", "Wisconsin"], ["WY", "Wyoming"]]') with ordinality c (pair, place);

insert into choice (list, value, label, place)
select 'country', pair ->> 0, pair ->> 1, place from json_array_elements('[
    ["US", "United States"], ["AF", "Afghanistan"], ["AX", "Åland Islands"], ["AL", "Albania"], ["DZ", "Algeria"],
    ["AS", "American Samoa"], ["AD", "Andorra"], ["AO", "Angola"], ["AI", "Anguilla"], ["AQ", "Antarctica"],
    ["AG", "Antigua & Barbuda"], ["AR", "Argentina"], ["AM", "Armenia"], ["AW", "Aruba"], ["AU", "Australia"],
    ["AT", "Austria"], ["AZ", "Azerbaijan"], ["BS", "Bahamas"], ["BH", "Bahrain"], ["BD", "Bangladesh"],
    ["BB", "Barbados"], ["BY", "Belarus"], ["BE", "Belgium"], ["BZ", "Belize"], ["BJ", "Benin"], ["BM", "Bermuda"],
    ["BT", "Bhutan"], ["BO", "Bolivia"], ["BA", "Bosnia & Herzegovina"], ["BW", "Botswana"], ["BV", "Bouvet Island"],
    ["BR", "Brazil"], ["IO", "British Indian Ocean Territory"], ["VG", "British Virgin Islands"], ["BN", "Brunei"],
    ["BG", "Bulgaria"], ["BF", "Burkina Faso"], ["BI", "Burundi"], ["KH", "Cambodia"], ["CM", "Cameroon"],
    ["CA", "Canada"], ["CV", "Cape Verde"], ["BQ", "Caribbean Netherlands"], ["KY", "Cayman Islands"],
    ["CF", "Central African Republic"], ["TD", "Chad"], ["CL", "Chile"], ["CN", "China"], ["CX", "Christmas Island"],
    ["CC", "Cocos (Keeling) Islands"], ["CO", "Colombia"], ["KM", "Comoros"], ["CG", "Congo - Brazzaville"],
    ["CD", "Congo - Kinshasa"], ["CK", "Cook Islands"], ["CR", "Costa Rica"], ["CI", "Côte d’Ivoire"],
    ["HR", "Croatia"], ["CU", "Cuba"], ["CW", "Curaçao"], ["CY", "Cyprus"], ["CZ", "Czechia"], ["DK", "Denmark"],
    ["DJ", "Djibouti"], ["DM", "Dominica"], ["DO", "Dominican Republic"], ["EC", "Ecuador"], ["EG", "Egypt"],
    ["SV", "El Salvador"], ["GQ", "Equatorial Guinea"], ["ER", "Eritrea"], ["EE", "Estonia"], ["SZ", "Eswatini"],
    ["ET", "Ethiopia"], ["FK", "Falkland Islands"], ["FO", "Faroe Islands"], ["FJ", "Fiji"], ["FI", "Finland"],
    ["FR", "France"], ["GF", "French Guiana"], ["PF", "French Polynesia"], ["TF", "French Southern Territories"],
    ["GA", "Gabon"], ["GM", "Gambia"], ["GE", "Georgia"], ["DE", "Germany"], ["GH", "Ghana"], ["GI", "Gibraltar"],
    ["GR", "Greece"], ["GL", "Greenland"], ["GD", "Grenada"], ["GP", "Guadeloupe"], ["GU", "Guam"],
    ["GT", "Guatemala"], ["GG", "Guernsey"], ["GN", "Guinea"], ["GW", "Guinea-Bissau"], ["GY", "Guyana"],
    ["HT", "Haiti"], ["HM", "Heard & McDonald Islands"], ["HN", "Honduras"], ["HK", "Hong Kong SAR China"],
    ["HU", "Hungary"], ["IS", "Iceland"], ["IN", "India"], ["ID", "Indonesia"], ["IR", "Iran"], ["IQ", "Iraq"],
    ["IE", "Ireland"], ["IM", "Isle of Man"], ["IL", "Israel"], ["IT", "Italy"], ["JM", "Jamaica"], ["JP", "Japan"],
    ["JE", "Jersey"], ["JO", "Jordan"], ["KZ", "Kazakhstan"], ["KE", "Kenya"], ["KI", "Kiribati"], ["KW", "Kuwait"],
    ["KG", "Kyrgyzstan"], ["LA", "Laos"], ["LV", "Latvia"], ["LB", "Lebanon"], ["LS", "Lesotho"], ["LR", "Liberia"],
    ["LY", "Libya"], ["LI", "Liechtenstein"], ["LT", "Lithuania"], ["LU", "Luxembourg"], ["MO", "Macao SAR China"],
    ["MG", "Madagascar"], ["MW", "Malawi"], ["MY", "Malaysia"], ["MV", "Maldives"], ["ML", "Mali"], ["MT", "Malta"],
    ["MH", "Marshall Islands"], ["MQ", "Martinique"], ["MR", "Mauritania"], ["MU", "Mauritius"], ["YT", "Mayotte"],
    ["MX", "Mexico"], ["FM", "Micronesia"], ["MD", "Moldova"], ["MC", "Monaco"], ["MN", "Mongolia"],
    ["ME", "Montenegro"], ["MS", "Montserrat"], ["MA", "Morocco"], ["MZ", "Mozambique"], ["MM", "Myanmar (Burma)"],
    ["NA", "Namibia"], ["NR", "Nauru"], ["NP", "Nepal"], ["NL", "Netherlands"], ["NC", "New Caledonia"],
    ["NZ", "New Zealand"], ["NI", "Nicaragua"], ["NE", "Niger"], ["NG", "Nigeria"], ["NU", "Niue"],
    ["NF", "Norfolk Island"], ["KP", "North Korea"], ["MK", "North Macedonia"], ["MP", "Northern Mariana Islands"],
    ["NO", "Norway"], ["OM", "Oman"], ["PK", "Pakistan"], ["PW", "Palau"], ["PS", "Palestinian Territories"],
    ["PA", "Panama"], ["PG", "Papua New Guinea"], ["PY", "Paraguay"], ["PE", "Peru"], ["PH", "Philippines"],
    ["PN", "Pitcairn Islands"], ["PL", "Poland"], ["PT", "Portugal"], ["PR", "Puerto Rico"], ["QA", "Qatar"],
    ["RE", "Réunion"], ["RO", "Romania"], ["RU", "Russia"], ["RW", "Rwanda"], ["WS", "Samoa"], ["SM", "San Marino"],
    ["ST", "São Tomé & Príncipe"], ["SA", "Saudi Arabia"], ["SN", "Senegal"], ["RS", "Serbia"], ["SC", "Seychelles"],
    ["SL", "Sierra Leone"], ["SG", "Singapore"], ["SX", "Sint Maarten"], ["SK", "Slovakia"], ["SI", "Slovenia"],
    ["SB", "Solomon Islands"], ["SO", "Somalia"], ["ZA", "South Africa"],
    ["GS", "South Georgia & South Sandwich Islands"], ["KR", "South Korea"], ["SS", "South Sudan"], ["ES", "Spain"],
    ["LK", "Sri Lanka"], ["BL", "St. Barthélemy"], ["SH", "St. Helena"], ["KN", "St. Kitts & Nevis"],
    ["LC", "St. Lucia"], ["MF", "St. Martin"], ["PM", "St. Pierre & Miquelon"], ["VC", "St. Vincent & Grenadines"],
    ["SD", "Sudan"], ["SR", "Suriname"], ["SJ", "Svalbard & Jan Mayen"], ["SE", "Sweden"], ["CH", "Switzerland"],
    ["SY", "Syria"], ["TW", "Taiwan"], ["TJ", "Tajikistan"], ["TZ", "Tanzania"], ["TH", "Thailand"],
    ["TL", "Timor-Leste"], ["TG", "Togo"], ["TK", "Tokelau"], ["TO", "Tonga"], ["TT", "Trinidad & Tobago"],
    ["TN", "Tunisia"], ["TR", "Türkiye"], ["TM", "Turkmenistan"], ["TC", "Turks & Caicos Islands"], ["TV", "Tuvalu"],
    ["UM", "U.S. Outlying Islands"], ["VI", "U.S. Virgin Islands"], ["UG", "Uganda"], ["UA", "Ukraine"],
    ["AE", "United Arab Emirates"], ["GB", "United Kingdom"], ["UY", "Uruguay"], ["UZ", "Uzbekistan"],
    ["VU", "Vanuatu"], ["VA", "Vatican City"], ["VE", "Venezuela"], ["VN", "Vietnam"], ["WF", "Wallis & Futuna"],
    ["EH", "Western Sahara"], ["YE", "Yemen"], ["ZM", "Zambia"], ["ZW", "Zimbabwe"]]') with ordinality c (pair, place);

insert into choice (list, value, label, place) select 'languages_spoken', code, label, bit from language;
insert into choice (list, value, label, place) select 'existing_conditions', code, label, bit from condition;
