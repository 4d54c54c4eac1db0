"""``make bench``: the speed table, each figure beside a floor measured in the same run."""
