// Tests over real sockets mostly wait: two others have the cores meanwhile.
[assembly: CollectionBehavior(MaxParallelThreads = 3)]
