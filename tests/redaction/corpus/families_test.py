"""Families that only measure: no rule is written with an eye on them."""

FAMILIES: dict[str, tuple[str, ...]] = {
    "police/intel": (
        "Information received that {p} aka {pf} is dealing from {address}. He uses mobile {phone} and a black Audi {vehicle}. Known associate of {k}.",
        "Stop search of {p} b. {birth}, PNCID {pnc}. Nothing found. Sgt {ps} informed.",
        "{ks} was seen with {p} and {p} outside the bookmakers at 2215. CCTV to be recovered by PCSO {ps}.",
        "Caller, a {p}, says her ex {kf} sent messages from {handle} and IP {ip}. Email {email} also used.",
    ),
    "police/custody": (
        "DP {k_rev} brought into custody by PC 4471 {ps}. Solicitor {p} requested. Appropriate adult is his aunt {l}.",
        "Detainee gave name as {p}, dob {birth}, nfa. Later identified as {k} CRO {cro}.",
    ),
    "probation/oasys": (
        "{k} is a 34 year old man serving 30 months. He lives with {l}, his {lrel}, at {address}, {postcode}. His offending is linked to {p}, a co-defendant.",
        "{kf} {ks} has a history of domestic abuse against {pf} {ps}. Victim contact is held by {p} (VLO). A restraining order expires on {date}.",
        "During interview {kf} minimised the assault, saying {pf} provoked him. {ks}'s previous partner, {p}, made similar allegations.",
        "Contacted by Ms {ps} of Nacro. She can be reached on {phone} or {email}. {ki} will be offered a room from {date}.",
    ),
    "prison/keywork": (
        "Keywork session with {kf}. He said he misses {lf} and hopes to get a visit. He is on the waiting list for painting. Keyworker: {p}.",
        "Mr {ks} told me that {pf} next door plays loud music. I will speak to {ps} about it. He asked about his property, incl. a Casio watch.",
        "Saw {ka} today, he is settled and hopes to move to the enhanced wing. {kf}'s visits with his daughter {lf} are going well.",
        "Resident {ks}, {noms}, refused to return to cell 3-12 when told by Officer {ps} and was escorted by CM {ps}.",
    ),
    "prison/security": (
        "Use of force on {k} ({noms}) by Officers {ps}, {ps} and {ps}. Nurse {p} attended. F213 completed, BWVC activated.",
        "Mail monitored. Letter from {p}, {address}, {postcode}, asks {kf} to pay {pf} into sort code {sort_code} account {account}.",
    ),
    "health/mental": (
        "{kf} describes low mood since the death of his {lrel} {lf}. Dr {ps} to review Sertraline. NHS no. {nhs}. Risk: nil current.",
        "S/B Dr {p} ({phone}). Hx Tourette syndrome, Raynaud's. {ks} declined bloods. Contact wife {l}.",
    ),
    "health/letter": (
        "Re: {k}, DOB {birth}, NHS Number: {nhs}, {address}, {postcode}\nThank you for referring this gentleman, who was seen by my registrar {p} on {date}.",
    ),
    "court/order": (
        "It is ordered that {p} shall not go to {address} nor contact {p}. Dated {date}, District Judge {ps}.",
        "Before Recorder {ps}: {k} pleaded guilty to count 2. Mr {ps} for the Crown, Miss {ps} for the defence. PSR by {p}.",
        "The jury heard from {p}, a neighbour, and from {p}'s employer. Driving licence {licence} was produced.",
    ),
    "email/reply": (
        "Hi both\nI saw {kf} this morning with {pf}. Can you ring {p} on {phone}?\nThanks\n{pf} {ps}\nPOM, HMP Wakefield\n{email}",
        "On {date}, {p} wrote:\n> {kf} has asked for his account details: IBAN {iban}\n> card {card}\nBest\n{pf}",
    ),
    "sms/chat": (
        "yo {pf} its {kf}, got a new number {phone} dont give it to {pf}",
        "running late sorry. {lf} is poorly so im at the hospital. can {ps} call me on {phone}",
        "snap me {handle} or email {email} from {pf}",
    ),
    "form/referral": (
        "Referral to CFO Hub\nClient: {k} ({noms})\nD.O.B. {birth}\nNational Insurance {nino}\nMobile: {phone}\nEmergency contact: {l}, {lrel}\nReferred by: {p}",
        "Passport no: {passport}\nDriving licence: {licence}\nName on bill: {p}\nAddress on bill: {address} {postcode}\nCRO {cro} PNC {pnc}",
    ),
    "dictated/flat": (
        "prisoner {ks} came to the office and said that {pf} had threatened him he wants to move to another wing he would not name the others",
        "telephone call with {p} she is the sister of {kf} she says he is not taking his tablets her number is {phone}",
        "met with {k} and his solicitor {p} he is due in court on {date} we talked about {lf}",
    ),
    "shouted/obs": (
        "{ks} OBSERVED AT 0200, 0300 AND 0400, ASLEEP. RELIEVED BY OFFICER {ps}.",
        "{p} AND {p} SEEN PASSING AN ITEM TO {k} ON EXERCISE. CELL SEARCH REQUESTED BY SO {ps}. NOMS {noms}",
    ),
    "negative/fresh": (
        "Induction completed on {date}. Given a rulebook, two towels and a pillow. Vegan diet from tomorrow.",
        "Listed for mention at Sheffield Combined Court on {date}. Time estimate 30 minutes. Legal Aid granted.",
        "Moved from HMP Ranby to HMP Lowdham Grange. Sentence Plan target: complete Horizon. TTG appointment made.",
        "Wing painter for 6 weeks. Wages £11.50 plus bonus. Wants to enrol on the Open University access module.",
        "Diabetic review. HbA1c 58. Metformin continued. Has Raynaud's and mild Tourette's. Fasting bloods on {date}.",
        "Convicted of affray under the Public Order Act. Compensation £200, costs £85. Steps to Recovery group is on Tuesday.",
        "Searched after Visits. One mobile, one SIM and some Rizla found. Sent to the Regional Unit. Log 204/24.",
        "Complaint about the Library: no copies of the Highway Code. Reply due in 5 days. Form COMP1 numbered 18-2231.",
        "Called the Housing Options line at Bristol City Council. Bond scheme closed. Salvation Army full. St Mungo's to assess.",
        "He is in good spirits. Frank discussion about debt. Plans to work in Hope Valley. Long wait for the dentist.",
        "Breathalysed at the gate: zero. Came by bus from Kirkgate. Keep fit with Parkrun on Saturday. Grand National sweepstake.",
        "Drove past Marks and Spencer, then along the A64. Stopped near the Rose and Crown. Nothing further from Op Sentinel.",
    ),
    "negative/flat": (
        "moved cells today no issues will need new bedding. may be suitable for cat d next month",
        "nothing of note on nights. obs done hourly and all correct. kit change done",
        "ROLL CORRECT AT 0730. TWO TO HEALTHCARE. THREE TO COURT. NO ADJUDICATIONS.",
        "TITAN RISK ASSESSMENT COMPLETED. OUTCOME: MEDIUM. NEXT REVIEW IN JUNE.",
    ),
}  # fmt: skip
