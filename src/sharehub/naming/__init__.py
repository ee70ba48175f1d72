"""Names: normalised, blocked and compared, to propose to a case officer which parties may be one.

    normalised(name) -> Name                        a name taken apart
    blocks(name) -> keys, block_id(key) -> int      what to store and join on, so that no two names need meet by chance
    Index(pairs).candidates(names)                  the same in memory
    compare(Party, Party) -> Comparison | None      why a pair is proposed, feature by feature, or None

Names never merge (Law 11) and no number decides (Law 1). `folding.folded` needs the standard library only; the rest
needs the extra `hub`.
"""
