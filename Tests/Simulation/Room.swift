// Room for Simulation.
