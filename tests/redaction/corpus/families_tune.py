"""Families whose notes the rules may be tuned on. A slot is `{what}`; what each gives is told in `generate`."""

FAMILIES: dict[str, tuple[str, ...]] = {
    "police/statement": (
        "On {date} at approx 14:30hrs I was on duty with PC {ps} when we attended {address}, {postcode}. We spoke to {p} who stated that {kf} {ks} had assaulted her.",
        "{p} (DOB {birth}) was arrested by DC {ps} on suspicion of theft from a vehicle, VRM {vehicle}. PNC {pnc} shows no trace.",
        "The victim {p} tel {phone} states the suspect, known to her as {ka}, drove off in a silver Ford {vehicle}.",
        "MG11 taken from {p}. Witness says she saw {k} and an unknown male near the Tesco on {date}.",
    ),
    "probation/contact": (
        "{kf} attended his appointment as directed. He reported that he is now living with his partner {pf} at {address} and is looking for work.",
        "T/C to {kt}. No answer, left voicemail on {phone}. Will try again on Monday. Licence expires {date}.",
        "Home visit completed. Met {kf}'s mother, {l}, who confirmed that {lf} has moved out. No concerns about accommodation.",
        "Mr {ks} failed to attend on {date}. Warning letter sent to {address}, {postcode}. Enforcement to be considered by {p}.",
        "Supervision session: {kf} discussed his relationship with {lf}. Referred to Change Grow Live and to the Building Better Relationships programme.",
    ),
    "prison/wing": (
        "{ks} was polite to staff during unlock. Collected his meal and returned to cell B2-014. IEP enhanced.",
        "Mr {ks} A1 landing cleaner has been working hard. Spoke to him about his job. Officer {ps}",
        "{k} {noms} was involved in a fight with prisoner {p}. Both placed on report by SO {ps}. No injuries seen.",
        "{k_rev} {noms} located C wing. ACCT opened by Officer {p} after self harm. Case review with nurse {pf} tomorrow.",
        "Prisoner says {pf} on D wing is bullying him over debt. He owes £40 of vapes to {ps}.",
    ),
    "health/clinic": (
        "Patient {k} NHS {nhs} seen in healthcare by Dr {ps}. C/o chest pain. Hx of Crohn's disease. Plan: bloods, review in 2/52.",
        "Discussed with psychiatrist Dr {p}. Mirtazapine increased to 30mg. {kf} reports sleeping better. Denies TSH.",
        "Parkinson's disease reviewed, tremor stable. GP {p} to be informed. NHS number {nhs}.",
        "Tel call from {l} ({lrel}), worried about {kf}. Reassured. Bell's palsy resolving.",
    ),
    "court/result": (
        "R v {ks}. {k}, born {birth}, appeared before HHJ {ps} at Leeds Crown Court on {date} and was sentenced to 24 months. Counsel: {p}.",
        "Defendant {p} failed to surrender. Warrant not backed for bail. Next hearing {date} at Bradford Magistrates' Court.",
        "Bail conditions: reside at {address}, {postcode}; not to contact {p} directly or indirectly; curfew 7pm to 7am.",
    ),
    "email": (
        "From: {p} <{email}>\nTo: {p}\nSubject: visit\n\nHi {pf},\n\nPlease can you confirm the visit for {kf} on {date}?\n\nKind regards\n{pf}\nTel: {phone}",
        "Dear {p},\n\nThank you for your letter about {k}. We will reply within 20 working days.\n\nYours sincerely\n{p}\nHead of Residence",
    ),
    "sms": (
        "hi its {kf} cant make it 2day my lift {pf} has let me down. ring me on {phone}",
        "txt from {lf}: {kf} is ok he is at {pf}s house call me {phone}",
    ),
    "form": (
        "Name: {k}\nDOB: {birth}\nPNC: {pnc}\nCRO: {cro}\nNI: {nino}\nAddress: {address}\nPostcode: {postcode}\nNext of kin: {l} ({lrel}) {phone}",
        "NAME {p} / DOB {birth} / NINO {nino} / SORT CODE {sort_code} / ACCOUNT {account}",
    ),
    "dictated": (
        "this is a dictated note regarding {k} comma date of birth {birth} full stop i spoke to {p} on the telephone full stop",
        "spoke with {kf} he says his sister {lf} is coming on friday with the kids he is worried about {pf}",
    ),
    "shouted": (
        "SPOKE TO {k} ON THE LANDING. HE STATED THAT {pf} FROM B WING HAD HIS TV. STAFF TO MONITOR.",
        "INTEL: {p} IS BRINGING SPICE IN VIA VISITS WITH {pf}. CAR REG {vehicle}. MOBILE {phone}.",
    ),
    "negative/plain": (
        "No issues on the wing today. All prisoners unlocked at 08:15 and locked up at 17:30.",
        "Transferred from HMP Leeds to HMP Full Sutton on {date}. Sentence expiry {date}, conditional release {date}.",
        "Hearing adjourned to {date} at Leicester Crown Court under section 20 of the Offences Against the Person Act 1861.",
        "Referred to Turning Point, Barnardo's and the Samaritans. Citizens Advice leaflet given.",
        "Diagnosed with Asperger syndrome and Hodgkin lymphoma. Wernicke's encephalopathy excluded. Takes thiamine 100mg.",
        "He owes £250.00 for rent and has 3 months left. Cell B3-017, bed 2. Order ref 1234567890.",
        "Will need to mark the form in May. By the grace of God he may hope for parole. Rose early, bill paid.",
        "Version 1.2.3.4 of the assessment was used; see para 4.2.1.3. Ref 2001/0171310S does not match.",
        "12 May Leeds Crown Court. 10 minutes late. 3 weeks in segregation. Took part in a Duke of Edinburgh scheme.",
        "He wants to move to Lincoln or Chester, near the station. Lives in the Preston area. Supports Aston Villa.",
    ),
    "negative/shouted": (
        "ALL PRISONERS LOCKED UP AT 17:30. NO CONCERNS. WING STAFF TO COMPLETE AFC.",
        "ADJOURNED TO {date} FOR PSR. HMP LEEDS INFORMED. CURFEW 19:00 TO 07:00.",
    ),
    "negative/lower": (
        "no issues today will mark him as attended may need to see the nurse in the morning",
        "he has been given a job in the kitchen and hopes to start on monday. young offender",
    ),
}  # fmt: skip
