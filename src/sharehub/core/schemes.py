"""The table of identifier schemes. A new one is an entry here, and a reading where no common one fits."""

from collections.abc import Mapping
from types import MappingProxyType

from sharehub.core import scheme_cn as cn
from sharehub.core import scheme_world as world
from sharehub.core.scheme import Scheme, plain, read_record

SCHEMES: Mapping[str, Scheme] = MappingProxyType(
    {
        "CN-USCC": Scheme(
            "unified social credit code",
            cn.read_uscc,
            form="18 digits and capitals without I, O, S, V, Z",
            check="mod 31; a wrong one warns, and the warning says whether the organisation code's holds",
            source="GB 32100-2015, GB/T 17710",
            implies="its organisation code (characters 9–17), where that one's check digit holds",
            derive=cn.uscc_orgcode,
            single=True,
        ),
        "CN-ORGCODE": Scheme(
            "organisation code",
            cn.read_orgcode,
            form="8 digits and capitals, and a digit or X; without hyphen",
            check="mod 11; a wrong one is refused",
            source="GB 11714",
            single=True,
        ),
        "CN-TAXNO": Scheme(
            "taxpayer number",
            cn.read_taxpayer,
            form="9 to 20 digits and capitals; a leading L and a trailing 01 go where the rest is proven, and a "
            "proven unified code is kept as that",
            check="that of the unified or organisation code in it; one without either warns",
            source="tax registration numbers before 2015; GB 11714",
            implies="the organisation code in characters 7–15 of an old number, where its check digit holds",
            derive=cn.taxno_orgcode,
        ),
        "CN-REGNO": Scheme(
            "business registration number",
            cn.read_regno,
            form="15 digits, or an older number as the register wrote it",
            check="mod 11,10 of 15 digits; a wrong one warns",
            source="GS 15-2006, GB/T 17710",
        ),
        "CN-PERMIT": Scheme(
            "pollutant discharge permit",
            cn.read_permit,
            form="a unified code, 3 digits and a letter; one that lost its beginning is kept as its organisation "
            "code, where that is proven",
            check="that of the unified code in it",
            source="HJ 608-2017",
            implies="its unified code and organisation code, where their check digits hold",
            derive=cn.permit_holder,
        ),
        "CN-PERSON": Scheme(
            "masked reference of an individual",
            plain("CN-PERSON"),
            form="as the agency masked it",
            check="none; a mask hides digits, so that two persons can share one",
            source="law 5",
            persons=True,
        ),
        "CN-OFFICE": Scheme(
            "office of a public body",
            plain("CN-OFFICE"),
            form="as the register of offices writes it",
            check="none",
            source="the register of offices",
        ),
        "LEI": Scheme(
            "legal entity identifier",
            world.read_lei,
            form="18 digits and capitals, and 2 check digits",
            check="mod 97,10; a wrong one is refused",
            source="ISO 17442-1, ISO/IEC 7064",
            single=True,
        ),
        "BR-CNPJ": Scheme(
            "Cadastro Nacional da Pessoa Jurídica",
            world.read_cnpj,
            form="12 digits and capitals, and 2 check digits; without points, slash and hyphen",
            check="mod 11, two; a wrong one is refused",
            source="Receita Federal, IN RFB 2119/2022 and 2229/2024",
            implies="its root: the number is of an establishment, of which a legal person has several",
            derive=world.cnpj_root,
        ),
        "BR-CNPJ-ROOT": Scheme(
            "root of a CNPJ: the legal person",
            world.read_cnpj_root,
            form="8 digits and capitals",
            check="none",
            source="Receita Federal, IN RFB 2119/2022",
            single=True,
        ),
        "BR-CPF": Scheme(
            "Cadastro de Pessoas Físicas, masked",
            world.read_cpf,
            form="the 6 digits in the middle between `***` and `**`; a whole number is masked when it is read",
            check="mod 11, two, of a whole number; a wrong one is refused. A thousand persons can share a masked one",
            source="Receita Federal, IN RFB 2172/2024; law 5",
            strength="weak",
            persons=True,
        ),
        "MX-RFC": Scheme(
            "Registro Federal de Contribuyentes",
            world.read_rfc,
            form="3 or 4 letters, 6 digits of a date, 3 characters; without hyphens; suppressed and shared ones "
            "are refused",
            check="mod 11; a wrong one warns, as a few in use have one",
            source="Código Fiscal de la Federación, art. 27",
            single=True,
        ),
        "US-NPI": Scheme(
            "National Provider Identifier",
            world.read_npi,
            form="10 digits, the first 1 or 2",
            check="Luhn over 80840 and the number; a wrong one is refused",
            source="45 CFR 162.406",
        ),
        "US-EIN": Scheme(
            "Employer Identification Number",
            world.read_ein,
            form="9 digits; a hyphen only after the second",
            check="none",
            source="26 CFR 301.6109-1",
        ),
        "JP-CORPNO": Scheme(
            "法人番号 (corporate number)",
            world.read_corporate_number,
            form="13 digits",
            check="mod 9, the first digit; a wrong one is refused",
            source="国税庁 (National Tax Agency), 法人番号",
            single=True,
        ),
        "CR-CPJ": Scheme(
            "cédula de persona jurídica",
            world.read_cpj,
            form="10 digits, not 0 first; without hyphens",
            check="none; an unknown class in the first digits warns",
            source="Registro Nacional de Costa Rica, classes and types",
            single=True,
        ),
        "RECORD": Scheme(
            "a record, itself: one that states no identifier, or that somebody pointed at",
            read_record,
            form="agency, slash, record key",
            check="none",
            source="this hub",
        ),
    }
)
