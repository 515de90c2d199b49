"""Names that fields of the API might have one day."""

from hypothesis import strategies as st

# in each group one field, spelled in several ways; all groups are different fields
GROUPS = [
    ("aB", "a_b", "a-b", "A B", "a.b", "a__b", "ab_", "AB", "a–b", "ａ＿Ｂ"),  # noqa: RUF001
    ("名前",),
    ("名字",),
    ("ガ", "ｶﾞ"),
    ("имя", "ИМЯ", "И-М-Я"),  # noqa: RUF001
    ("имена",),
    ("!",),
    ("?",),
    ("😀",),
    ("😃",),
    ("c", "C", "c-"),
    ("c++", "C++"),
    ("c#",),
    ("prenom", "preNom"),
    ("prénom", "PRÉNOM"),
    ("straße", "STRASSE"),
    ("n@me",),
    ("what is your name", "What Is Your Name"),
    ("What is your name?",),
    ("1st", "1_st"),
    ("١",),  # noqa: RUF001
    ("select", "SELECT"),
    ("from",),
    ("xmin", "XMin"),
    ("ctid",),
    ("_partitionTime",),
    ("deleted", "Deleted"),
    ("field_x0123456789",),
    ("q" * 70, "Q" * 70),
    ("q" * 71,),
    ("q" * 10_000,),
    ("a\x00b",),
    ("\x07",),
]
NAMES = [name for group in GROUPS for name in group]
# no columns: called like ours, or no name at all
HOMELESS = ["_dlt_id", "_dltId", "_dlt_load_id", "_DLT_LOAD_ID", "_deleted", "_unparsed", "", " ", "_", "--"]

ANY_NAME = st.sampled_from(NAMES + HOMELESS) | st.text(st.characters(), max_size=12)
