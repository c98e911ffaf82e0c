"""Money: which currencies there are, and amounts as whole numbers of a currency's smallest unit.

Facts carry amounts as Decimal. Read models keep whole numbers of the smallest unit: a `numeric`
column can neither be sorted nor compared from an index under row-level security (its operators are
not leakproof), a bigint can.
"""

from __future__ import annotations

from decimal import Decimal

# ISO 4217, list one: what money is kept in (without funds, metals, test codes and "no currency").
CURRENCIES = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
    CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
    GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD
    KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
    NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP
    SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND
    VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split()
)

# ISO 4217: the currencies whose minor unit is not a hundredth.
_MINOR_DIGITS = {
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0),
}


def minor_digits(currency: str) -> int:
    """How many decimal places amounts of a currency have (ISO 4217)."""
    return _MINOR_DIGITS.get(currency, 2)


def minor_units(amount: Decimal, currency: str) -> int:
    """An amount as an integer of the currency's smallest unit: 12.30 USD is 1230.

    Raises ValueError for an amount finer than that: a read model never rounds money.
    """
    scaled = amount.scaleb(minor_digits(currency))
    units = int(scaled)
    if units != scaled:
        raise ValueError(f"an amount is finer than the smallest unit of {currency}")
    return units


def decimal_text(units: int, currency: str) -> str:
    """The decimal string of an amount: 1230 of USD is ``12.30``, of JPY ``1230``."""
    digits = minor_digits(currency)
    if digits == 0:
        return str(units)
    whole, part = divmod(abs(units), 10**digits)
    return f"{'-' if units < 0 else ''}{whole}.{part:0{digits}d}"
