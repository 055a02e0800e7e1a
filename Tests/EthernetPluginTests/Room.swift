// Room for EthernetPluginTests.
