"""dbt as penstock sees it. The entry points name its modules: what reads only the command line's flags imports nothing else."""
