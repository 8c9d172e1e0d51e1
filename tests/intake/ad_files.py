"""Files as ad platforms export them: what stands above and below the rows, in the languages of their users."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

GOOGLE = """Campaign report
"1 March 2026 - 2 March 2026"
Day,Campaign,Currency code,Cost,Impr.,Clicks,Conversions
2026-03-01,Doctors | search,EUR,"1,234.50","12,340",210,3.50
2026-03-02,Doctors | search,EUR,20.00,800,12,0.00
2026-03-02,Nurses,EUR, --,40, --,0.00
Total: Campaigns,,EUR,"1,254.50","13,180",222,3.50
Total: Account,,EUR,"1,254.50","13,180",222,3.50
"""
META_FI = """Raportoinnin alku;Raportoinnin loppu;Kampanjan nimi;Mainoksen nimi;Tulokset;Käytetty summa (EUR);\
Näyttökerrat;Linkin klikkaukset;Klikkaukset (kaikki)
;;;;17;1 234,56;10 400;55;80
2026-03-01;2026-03-01;Lääkärit 2026-03;Video k-h7k2mq;12;1 200,06;10 000;50;70
2026-03-02;2026-03-02;Lääkärit 2026-03;Kuva;5;34,50;400;5;10
"""
META_NB = """Rapportering starter,Rapportering slutter,Kampanjenavn,Annonsenavn,Beløp brukt (NOK),Eksponeringer,\
Klikk på lenke
2026-03-01,2026-03-01,Leger,Film,"1000.50",900,9
"""
META_SV = """Dag\tKampanjnamn\tSpenderat belopp (SEK)\tVisningar\tLänkklick
2026-03-01\tLäkare\t99,90\t1 200\t3
"""
LINKEDIN = """Campaign Performance Report (in UTC)
Report Start: 3/1/2026
Date Generated: 3/20/2026

Start Date (in UTC)\tAccount Name\tCampaign Group Name\tCampaign Name\tCampaign ID\tCurrency\tTotal Spent\t\
Impressions\tClicks
3/1/2026\tKivikoski\tDefault\tSpecialists\t11\tEUR\t33.33\t1000\t4
3/14/2026\tKivikoski\tDefault\tSpecialists\t11\tEUR\t33.34\t1100\t5
"""
PLAIN = "pvm;koodi;hinta (EUR)\n1.3.2026;H7K-2MQ;12,50\n2.3.2026;h7k2mq;7,50\n"


def workbook(rows: Sequence[Sequence[Any]], sheet: str = "Raw Data Report", before: int = 0) -> bytes:
    """A spreadsheet with these rows in its last sheet, after some empty ones."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        for n in range(before):
            book.add_worksheet(f"Empty {n}")
        written = book.add_worksheet(sheet)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                if hasattr(cell, "year"):
                    written.write_datetime(y, x, cell, day)
                else:
                    written.write(y, x, cell)
    return made.getvalue()
