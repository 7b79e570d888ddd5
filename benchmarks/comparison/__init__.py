"""The comparison with other tools: who does what, how it is counted, and the page that shows it.

`benchmarks/peers` runs this package. In the order of the flow: `peers` knows the tools, `works` what is asked of them
(`streams`, `sweeps`), `lab` and `processes` run them, `measure` takes turns, `page` and `figures` show the results.
"""
